"""How the shop is put together and run: settings, databases, the embedded servers, the supervisor."""
