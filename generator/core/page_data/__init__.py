"""What each audience may see, cut before any template: boards, histories, forms, packs, the dashboard."""
