"""Who may do what over HTTP, where Microsoft Entra ID stands before the API."""
