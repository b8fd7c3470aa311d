// For azd, which sets the first four; `azd env set NAME VALUE` sets the others. For az, export them.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param deployerId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param deployerType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', 'User')

param alertEmails = filter(split(readEnvironmentVariable('SLUICE_ALERT_EMAILS', ''), ','), address => !empty(address))
param privateNetworking = bool(readEnvironmentVariable('SLUICE_PRIVATE_NETWORKING', 'false'))
param zoneRedundant = bool(readEnvironmentVariable('SLUICE_ZONE_REDUNDANT', 'false'))
param separateGraphIdentity = bool(readEnvironmentVariable('SLUICE_SEPARATE_GRAPH_IDENTITY', 'false'))
param locked = bool(readEnvironmentVariable('SLUICE_LOCKED', 'true'))
param callersAllowed = empty(readEnvironmentVariable('SLUICE_API_CLIENT_ID', ''))
  ? null
  : {
      clientId: readEnvironmentVariable('SLUICE_API_CLIENT_ID', '')
      allowedApplications: split(readEnvironmentVariable('SLUICE_API_CALLERS', ''), ',')
    }
param costs = empty(readEnvironmentVariable('SLUICE_BUDGET', ''))
  ? null
  : {
      amount: int(readEnvironmentVariable('SLUICE_BUDGET', '0'))
      from: readEnvironmentVariable('SLUICE_BUDGET_FROM', '')
    }
