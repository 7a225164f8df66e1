"""Page data cut to each audience before any template: boards, histories, forms, packs, the dashboard."""
