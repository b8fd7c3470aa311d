// Production. Every line is a decision: docs/deploy/parameters.md says what each costs and gives.
using '../resources.bicep'

param name = 'sluice-prod'
param scaling = {
  memory: 2048
  mostInstances: 40
  // Two, because zones are spread over: no sender of a webhook waits for a start.
  alwaysReady: [{ name: 'http', instanceCount: 2 }]
}
param options = {
  OPERATIONS: 'patchDevice,patchManagedDevice,patchUser,updateDeviceAccount,rotateDeviceAccount'
}
param alertEmails = filter(split(readEnvironmentVariable('SLUICE_ALERT_EMAILS', ''), ','), address => !empty(address))
param callersAllowed = {
  clientId: readEnvironmentVariable('SLUICE_API_CLIENT_ID')
  allowedApplications: split(readEnvironmentVariable('SLUICE_API_CALLERS'), ',')
}
param privateNetworking = bool(readEnvironmentVariable('SLUICE_PRIVATE_NETWORKING', 'false'))
param zoneRedundant = true
param separateGraphIdentity = true
param logRetention = 365
param locked = bool(readEnvironmentVariable('SLUICE_LOCKED', 'true'))
param costs = empty(readEnvironmentVariable('SLUICE_BUDGET', ''))
  ? null
  : {
      amount: int(readEnvironmentVariable('SLUICE_BUDGET', '0'))
      from: readEnvironmentVariable('SLUICE_BUDGET_FROM', '')
    }
