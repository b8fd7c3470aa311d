// Tells when the group costs more than was thought. It stops nothing.

import { budget } from '../types.bicep'

@description('Name of the budget.')
param name string

@description('How much, and from when.')
param limit budget

@description('Who is told.')
param actionGroupId string

resource costs 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: limit.amount
    timeGrain: 'Monthly'
    timePeriod: { startDate: limit.from }
    notifications: {
      nearly: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: []
        contactGroups: [actionGroupId]
      }
      expected: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: []
        contactGroups: [actionGroupId]
      }
    }
  }
}
