"""Observers: what else happens once a request is done. An observer must neither raise nor wait."""
