"""How does a result leave the program?"""

from resynapse.exchange.as_json import as_dict
from resynapse.exchange.run_folder import RunFolder, RunFolderError, ensure_free, read, write

__all__ = ["RunFolder", "RunFolderError", "as_dict", "ensure_free", "read", "write"]
