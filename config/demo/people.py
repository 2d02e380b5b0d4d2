"""The customers of the demo shop."""

from __future__ import annotations

from typing import NamedTuple

from contexts.kernel.addresses import Address

DOMAIN = "example.com"


class Person(NamedTuple):
    """Somebody who shops here, in a language; `account` says whether they opened an account."""

    name: str
    street: str
    postcode: str
    city: str
    country: str
    account: bool
    language: str = "en"

    @property
    def email(self) -> str:
        ascii_name = self.name.lower().translate(str.maketrans("üöéøł", "uoeol"))
        return f"{ascii_name.replace(' ', '.')}@{DOMAIN}"

    @property
    def address(self) -> Address:
        return Address(name=self.name, street=self.street, postcode=self.postcode, city=self.city, country=self.country)


PEOPLE = (
    Person("Hanna Brandt", "Lindenallee 14", "50968", "Köln", "DE", True),
    Person("Jonas Weber", "Kanalstraße 3", "20097", "Hamburg", "DE", True, "de"),
    Person("Margot Lefevre", "Rue des Tanneurs 27", "59800", "Lille", "FR", True),
    Person("Pieter Vos", "Prinsengracht 118", "1015 EA", "Amsterdam", "NL", True),
    Person("Elise Maes", "Korenmarkt 9", "9000", "Gent", "BE", True),
    Person("Theo Gruber", "Getreidegasse 31", "5020", "Salzburg", "AT", True, "de"),
    Person("Ines Duarte", "Rue du Fort 5", "2240", "Luxembourg", "LU", True, "de"),
    Person("Lotte Jansen", "Oudegracht 204", "3511 NR", "Utrecht", "NL", True),
    Person("Max Keller", "Gerberau 12", "79098", "Freiburg", "DE", False, "de"),
    Person("Camille Roux", "Quai Perrache 40", "69002", "Lyon", "FR", False),
    Person("Anton Lechner", "Mariahilfer Straße 77", "1060", "Wien", "AT", False, "de"),
    Person("Sofie Claes", "Nationalestraat 51", "2000", "Antwerpen", "BE", False),
    Person("Ruth Ahrens", "Am Deich 6", "28199", "Bremen", "DE", False, "de"),
    Person("Bram de Wit", "Coolsingel 88", "3011 AG", "Rotterdam", "NL", False),
)
#: The one that a visitor may sign in as; in English, for signing in brings the account's language along.
GUIDE = PEOPLE[0]
