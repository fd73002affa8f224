"""Anthropic's Messages: its clients over a chat upstream, and chat clients over an Anthropic one."""
