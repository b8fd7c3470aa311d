// As production is, but for its size and its zones: what is to go to production is tried here.
using '../resources.bicep'

param name = 'sluice-test'
param options = {
  OPERATIONS: 'patchDevice,patchManagedDevice,patchUser,updateDeviceAccount,rotateDeviceAccount'
}
param alertEmails = filter(split(readEnvironmentVariable('SLUICE_ALERT_EMAILS', ''), ','), address => !empty(address))
param callersAllowed = empty(readEnvironmentVariable('SLUICE_API_CLIENT_ID', ''))
  ? null
  : {
      clientId: readEnvironmentVariable('SLUICE_API_CLIENT_ID', '')
      allowedApplications: split(readEnvironmentVariable('SLUICE_API_CALLERS', ''), ',')
    }
param separateGraphIdentity = true
param logQuota = 5
param locked = bool(readEnvironmentVariable('SLUICE_LOCKED', 'true'))
param costs = empty(readEnvironmentVariable('SLUICE_BUDGET', ''))
  ? null
  : {
      amount: int(readEnvironmentVariable('SLUICE_BUDGET', '0'))
      from: readEnvironmentVariable('SLUICE_BUDGET_FROM', '')
    }
