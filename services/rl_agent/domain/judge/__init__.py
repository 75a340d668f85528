"""Who may steer: three virtual houses a device, their daily accounts, and a test that may be looked at every day."""
