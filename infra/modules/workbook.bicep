// What an operator opens in the morning.

@description('Region.')
param location string

@description('Tags of the resource.')
param tags object

@description('Title that people look for.')
param title string

@description('Resource id of the workspace.')
param workspaceId string

@description('Resource id of the Service Bus namespace.')
param namespaceId string

@description('Resource id of the function app.')
param appId string

var template = loadTextContent('../workbooks/operations.json')

resource operations 'Microsoft.Insights/workbooks@2023-06-01' = {
  // The name of a workbook has to be a GUID; this one stays the same.
  name: guid(resourceGroup().id, 'sluice operations')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: title
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspaceId
    serializedData: replace(
      replace(replace(template, '<workspace>', workspaceId), '<namespace>', namespaceId),
      '<app>',
      appId
    )
  }
}

output id string = operations.id
output name string = operations.name
