"""The harness of the stores over SQLAlchemy, for either generation of the SDK."""

from __future__ import annotations

from importlib import import_module
from typing import Any, ClassVar

from tokenstore_conformance.target.bundled.on_server import OnServer


class OnSQLAlchemy(OnServer):
    """A harness on the database of ``TOKENSTORE_URL``, or on a SQLite file."""

    extra = "sqlalchemy"
    module: ClassVar[str]
    """The module of the store."""

    _engine: Any = None
    """Kept as long as the storage. One store at a time uses it; all others make their own."""
    _has_it: Any = None

    @property
    def reuses_storage(self) -> bool:  # type: ignore[override]
        """True on a server: making tables and a first connection takes longer than a test there."""
        return self._url() is not None

    def store(self, url: str | None) -> Any:
        from sqlalchemy import create_engine

        module = import_module(self.module)
        if url is None:
            return module.SQLAlchemyStore(f"sqlite:///{self.tmp_path / 'tokens.db'}")
        if self._has_it is not None:
            return module.SQLAlchemyStore(url)
        create = self._engine is None
        if create:
            self._engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        self._has_it = module.SQLAlchemyStore(self._engine, create=create)
        return self._has_it

    def empty(self) -> None:
        with self._engine.begin() as connection:
            for table in import_module(self.module).METADATA.sorted_tables:
                connection.execute(table.delete())

    def close(self, store: Any) -> None:
        if store is self._has_it:
            self._opened.remove(store)
            self._has_it = None
        else:
            super().close(store)

    def tear_down(self) -> None:
        if self._engine is not None:
            self._engine.dispose()
        super().tear_down()
