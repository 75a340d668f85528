"""notifier: asks drivers, tells them what happens, and turns their answers into goals."""
