"""The built-in world: questions made by program, tiny real models that answer some, a sheet that answers all."""
