"""Where operations, the order of each device, known devices and refusals are kept."""
