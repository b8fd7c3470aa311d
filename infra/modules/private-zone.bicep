// The names of one kind of service within the network.

@description('Domain, for example privatelink.blob.<suffix of the cloud>.')
param name string

@description('Tags of the resources.')
param tags object

@description('Network that asks.')
param networkId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: name
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'sluice'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

output id string = zone.id
