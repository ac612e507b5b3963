from tests.requests.conftest import engine, postgresql, url

__all__ = ["engine", "postgresql", "url"]
