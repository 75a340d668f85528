"""What the services of evcc-ems share: the contract, the house, the runtime, the demo."""
