// Who Sluice is. Made before the app and on its own, so that rights and consents exist before the
// first start and survive a new app.

@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags of the resource.')
param tags object

@description('Whether it is protected from deletion: the consents that an administrator gave would go with it.')
param locked bool

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (locked) {
  name: 'keep'
  scope: identity
  properties: {
    level: 'CanNotDelete'
    notes: 'Graph permissions are granted to this identity. A new one would need them all again.'
  }
}

output id string = identity.id
output name string = identity.name
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
