"""Microsoft Graph: the routes, what each change means on them, and what their errors mean."""
