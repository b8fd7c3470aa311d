// One service within the network: its endpoint, and the name that it is found by there.

@description('Name of the endpoint.')
param name string

@description('Region.')
param location string

@description('Tags of the resources.')
param tags object

@description('Resource id of the service.')
param serviceId string

@description('Which part of the service: blob, table, vault, namespace, sites.')
param part string

@description('Subnet that the endpoint gets an address of.')
param subnetId string

@description('Resource id of the private DNS zone of such services.')
param zoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: part
        properties: {
          privateLinkServiceId: serviceId
          groupIds: [part]
        }
      }
    ]
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-07-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: part
        properties: { privateDnsZoneId: zoneId }
      }
    ]
  }
}
