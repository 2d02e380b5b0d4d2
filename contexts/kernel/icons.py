"""The shop's icons: 24 by 24, drawn with one line weight in the text's colour."""

ICONS = {
    "cart": '<path d="M3 4h2.2l2.1 11.2a1.6 1.6 0 0 0 1.6 1.3h8.4a1.6 1.6 0 0 0 1.6-1.2L20.7 8H6"/>'
    '<circle cx="9.5" cy="20" r="1.3"/><circle cx="17" cy="20" r="1.3"/>',
    "account": '<circle cx="12" cy="8.2" r="3.7"/><path d="M4.8 20.2c.8-3.8 3.7-5.7 7.2-5.7s6.4 1.9 7.2 5.7"/>',
    "search": '<circle cx="10.8" cy="10.8" r="6.3"/><path d="m15.6 15.6 4.9 4.9"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/><path d="M12 3.5v17a8.5 8.5 0 0 0 0-17Z" fill="currentColor"/>',
    "check": '<path d="m5 12.6 4.6 4.6L19.5 7"/>',
    "cross": '<path d="m6 6 12 12M18 6 6 18"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "right": '<path d="m9 5 7 7-7 7"/>',
    "left": '<path d="m15 5-7 7 7 7"/>',
    "down": '<path d="m5 9 7 7 7-7"/>',
    "arrow": '<path d="M4 12h15.5M13.5 6l6 6-6 6"/>',
    "truck": '<path d="M2.5 6h11v11h-11zM13.5 9.5h4.2l3.8 3.9V17h-8"/>'
    '<circle cx="7" cy="18" r="2" fill="var(--paper)"/><circle cx="17" cy="18" r="2" fill="var(--paper)"/>',
    "parcel": '<path d="M3.5 7.8 12 3.5l8.5 4.3v8.4L12 20.5l-8.5-4.3zM3.5 7.8 12 12l8.5-4.2M12 12v8.5M7.8 5.7l8.4 4.2"/>',
    "return": '<path d="M8.5 5 4 9.5 8.5 14M4 9.5h10.2a5.2 5.2 0 0 1 0 10.4H8"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="9.5" rx="1.6"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5"/>',
    "card": '<rect x="2.8" y="5.5" width="18.4" height="13" rx="1.8"/><path d="M2.8 10h18.4M6.3 14.8h3.5"/>',
    "mail": '<rect x="3" y="5.5" width="18" height="13" rx="1.8"/><path d="m3.5 7 8.5 6.3L20.5 7"/>',
    "pin": '<path d="M12 21s-6.8-6.3-6.8-11.2a6.8 6.8 0 0 1 13.6 0C18.8 14.7 12 21 12 21Z"/>'
    '<circle cx="12" cy="9.8" r="2.4"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.2l3.4 2"/>',
    "warning": '<path d="M12 4 2.8 19.8h18.4zM12 10v4.6M12 17.2v.1"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.4M12 7.7v.1"/>',
    "bin": '<path d="M4 6.5h16M9 6.5V4h6v2.5M6 6.5l.9 13.5h10.2L18 6.5M10 10.5v6M14 10.5v6"/>',
    "edit": '<path d="m4 20 1-4.6L16.2 4.2l3.6 3.6L8.6 19zM13.6 6.8l3.6 3.6"/>',
    "print": '<path d="M7 9V3.5h10V9M7 17H3.5V9h17v8H17M7 14h10v6.5H7z"/>',
    "heart": '<path d="M12 20S3.5 15 3.5 9.2A4.7 4.7 0 0 1 12 6.5a4.7 4.7 0 0 1 8.5 2.7C20.5 15 12 20 12 20Z"/>',
    "star": '<path d="m12 3.5 2.6 5.4 5.9.8-4.3 4.1 1 5.9L12 16.9l-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z"/>',
    "filter": '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "tag": '<path d="M3.5 12.5v-9h9l8 8-9 9z"/><circle cx="8" cy="8" r="1.3"/>',
    "zoom": '<circle cx="10.8" cy="10.8" r="6.3"/><path d="m15.6 15.6 4.9 4.9M8 10.8h5.6M10.8 8v5.6"/>',
    "ruler": '<path d="m3.5 15.5 12-12 5 5-12 12zM7 12l2 2M10 9l2.6 2.6M13 6l2 2"/>',
}
