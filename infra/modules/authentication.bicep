// Microsoft Entra ID before the HTTP API: no token of an allowed application, no answer but 401.
// Function keys stay beside it as a second lock. No secret: nobody signs in here, callers bring
// their tokens.

import { callers } from '../types.bicep'

@description('Name of the app to protect.')
param appName string

@description('Who may call.')
param allowed callers

@description('Sources of webhooks, whose senders cannot get tokens.')
param webhookSources string[]

var openPaths = concat(
  ['/api/health', '/api/openapi.json'],
  map(webhookSources, source => '/api/webhooks/${source}'),
  allowed.?openPaths ?? []
)

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource authentication 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    httpSettings: { requireHttps: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      excludedPaths: openPaths
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: allowed.clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [allowed.clientId, 'api://${allowed.clientId}']
          defaultAuthorizationPolicy: { allowedApplications: allowed.allowedApplications }
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}
