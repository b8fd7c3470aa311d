// The HTTP API in Microsoft Entra ID: what callers get tokens for, and the roles in them. Deployed
// once, before `callersAllowed` names it, by whoever may register applications:
//   az deployment group create -g <group> -f infra/graph/api.bicep -p name=<as in the parameters>

extension microsoftGraphV1

@description('What this Sluice is called, for example sluice-prod.')
param name string

@description('Client ids of the applications that people get their tokens with. Default: the Azure CLI, in every tenant of every cloud.')
param signInApplications string[] = ['04b07795-8ddb-461a-bbee-02f9e1bf7b46']

var asThemselves = guid(name, 'user_impersonation')

resource api 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: name
  displayName: 'Sluice (${name})'
  signInAudience: 'AzureADMyOrg'
  // The issuer that infra/modules/authentication.bicep expects is that of version 2.
  api: {
    requestedAccessTokenVersion: 2
    // People call as themselves; what they may do is their role below. Without a scope there would
    // be no token to put it in.
    oauth2PermissionScopes: [
      {
        id: asThemselves
        value: 'user_impersonation'
        type: 'Admin'
        adminConsentDisplayName: 'Call Sluice'
        adminConsentDescription: 'Call Sluice as the signed-in person, with the roles that this person has.'
        isEnabled: true
      }
    ]
    preAuthorizedApplications: map(signInApplications, application => {
      appId: application
      delegatedPermissionIds: [asThemselves]
    })
  }
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
