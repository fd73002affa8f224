"""From another router's file to ours: what of a litellm.yaml becomes config.yaml and policies, and what does not."""
