// For a developer or a trial: small, and the operations that cannot do much.
using '../resources.bicep'

param name = 'sluice-dev'
param scaling = { memory: 512 }
param options = { OPERATIONS: 'patchDevice,patchManagedDevice', LANES: '4' }
param logRetention = 30
param logQuota = 1
param secretRetention = 7
param locked = false
