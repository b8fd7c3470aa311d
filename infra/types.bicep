// What a deployment can choose beside its name and place. docs/deploy/parameters.md explains.

@export()
@sealed()
@description('How much of the app there is. Billed by the time that instances are active.')
type scale = {
  @description('Memory of an instance in MB; 512 has a quarter of a core. Default: 2048.')
  memory: (512 | 2048 | 4096)?

  @description('The most instances. Graph is the limit, not the app: few are enough. Default: 40, the least that every region accepts.')
  @minValue(1)
  @maxValue(1000)
  mostInstances: int?

  @description('Instances that are always there, so that no caller waits for a start; billed all the time. Groups: http, function:<name>.')
  alwaysReady: { name: string, instanceCount: int }[]?
}

@export()
@sealed()
@description('The network, where the deployment is private.')
type network = {
  @description('Address space of the virtual network, /24 or larger. Default: 10.70.0.0/24.')
  addressSpace: string?

  @description('Whether the app itself is reached by a private endpoint alone. Then only callers within the network can send webhooks, and only they can deploy.')
  privateInbound: bool?
}

@export()
@sealed()
@description('Callers show a token of Microsoft Entra ID beside the function key.')
type callers = {
  @description('Client id of the app registration that stands for the API (infra/graph/api.bicep).')
  clientId: string

  @description('Client ids of the applications that may call. Any other gets 401, whatever its token.')
  @minLength(1)
  allowedApplications: string[]

  @description('More paths without a token. Health, the description of the API and the webhooks of WEBHOOK_SOURCES are open anyway: their senders prove themselves to the app.')
  openPaths: string[]?
}

@export()
@sealed()
@description('Somebody who operates Sluice: sees and redrives dead letters, reads records and metrics.')
type operator = {
  principalId: string
  principalType: 'User' | 'Group' | 'ServicePrincipal'
}

@export()
@sealed()
@description('A limit on cost that tells instead of stopping.')
type budget = {
  @description('A month, in the currency of the subscription.')
  amount: int

  @description('The first day of a month that is not over: 2027-01-01. Azure refuses to change it later.')
  from: string
}
