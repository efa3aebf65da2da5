"""What was carried out already: the operations that commits are filed under."""

from collections.abc import Mapping
from typing import Any

from store.base import StoreBase, digest


class Operations(StoreBase):
    """The store's memory of what may happen once only."""

    def carried_out(self, operations: Mapping[str, str]) -> list[str]:
        """Return those contacts of whom the operation was committed within seven days. Raises StoreError.

        operations: contacts' ids, and what `commit` was called with for each.
        """

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact, operation in operations.items():
                pipeline.zscore(self.keys.late(self.keys.partition(contact)), digest(operation))
            return pipeline.execute()

        found = self.connection.command(read)
        return [contact for contact, filed in zip(operations, found, strict=True) if filed is not None]
