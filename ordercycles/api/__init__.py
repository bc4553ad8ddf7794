"""The API of catalogues, fees, methods, order cycles and exchanges."""
