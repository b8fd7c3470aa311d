// What the identity may do in Microsoft Graph. A deployment of its own, because whoever may grant
// this (Privileged Role Administrator) is seldom who deploys the rest:
//   az deployment group create -g <group> -f infra/graph/permissions.bicep -p principalId=<id>
// The extension has faults that are open (microsoftgraph/msgraph-bicep-types 161 and 193): a second
// deployment may be refused as a conflict. `python -m scripts.graph_permissions` has none of them.

extension microsoftGraphV1

@description('Principal id of the identity: the output graphPrincipalId of the deployment.')
param principalId string

@description('Application permissions, by name. Default: the least that all operations need; for fewer operations: python -m scripts.graph_permissions --list --operations <names>.')
param permissions string[] = [
  'Device.ReadWrite.All'
  'DeviceManagementManagedDevices.PrivilegedOperations.All'
  'DeviceManagementManagedDevices.ReadWrite.All'
  'User-PasswordProfile.ReadWrite.All'
  'User.Read.All'
  'User.ReadWrite.All'
]

resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000' // Microsoft Graph, in every tenant
}

resource granted 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for name in permissions: {
    principalId: principalId
    resourceId: graph.id
    // By name and not by id, of those for applications: people's permissions have the same names.
    appRoleId: filter(
      graph.appRoles,
      role => role.value == name && contains(role.allowedMemberTypes, 'Application')
    )[0].id
  }
]
