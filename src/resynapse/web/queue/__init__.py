"""Work that takes longer than anyone waits: kept in a file, done by processes of its own."""
