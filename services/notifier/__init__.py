"""The people who drive are asked, told and heard."""
