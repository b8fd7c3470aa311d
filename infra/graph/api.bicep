// The HTTP API in Microsoft Entra ID: what callers get tokens for, and the roles in them. Deployed
// once, before `callersAllowed` names it, by whoever may register applications:
//   az deployment group create -g <group> -f infra/graph/api.bicep -p name=<as in the parameters>

extension microsoftGraphV1

@description('What this Sluice is called, for example sluice-prod.')
param name string

resource api 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: name
  displayName: 'Sluice (${name})'
  signInAudience: 'AzureADMyOrg'
  // The issuer that infra/modules/authentication.bicep expects is that of version 2.
  api: { requestedAccessTokenVersion: 2 }
  appRoles: [
    {
      id: guid(name, 'Changes.Submit')
      value: 'Changes.Submit'
      displayName: 'Ask for changes'
      description: 'Sources: ask for changes and see what became of them.'
      allowedMemberTypes: ['Application']
      isEnabled: true
    }
    {
      id: guid(name, 'Changes.Operate')
      value: 'Changes.Operate'
      displayName: 'Operate Sluice'
      description: 'Operators: cancel, release and reverse changes as well.'
      allowedMemberTypes: ['Application', 'User']
      isEnabled: true
    }
  ]
}

resource apiInTenant 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: api.appId
  // Nobody gets a token for Sluice who was not given a role in it.
  appRoleAssignmentRequired: true
}

output clientId string = api.appId
output servicePrincipalId string = apiInTenant.id
