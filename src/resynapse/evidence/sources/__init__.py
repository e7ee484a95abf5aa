"""Publications that parameters name as their source, one module a subject."""
