"""How patients differ, and what differs between disorders."""
