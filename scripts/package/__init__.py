"""The deployed package: the app and every library that it uses, ready to run on Linux x64."""
