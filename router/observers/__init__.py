"""What also happens once a request is done. An observer neither raises nor waits."""
