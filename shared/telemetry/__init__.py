"""What Sluice tells of its work: one line a request, message or tick; spans; measurements.

Nothing in here imports OpenTelemetry. What is told is kept in memory until `azure_monitor`, loaded
in the background behind the first invocation, takes it over: a cold start pays nothing for it, and
nothing that it does goes untold.
"""
