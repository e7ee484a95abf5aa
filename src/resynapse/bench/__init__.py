"""How fast are the engine's back ends, at which error, and how fast are the tools of the field?"""
