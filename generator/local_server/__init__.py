"""What runs on this machine only, for as long as somebody looks: the preview of a site."""
