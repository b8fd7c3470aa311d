// The queues of Sluice. The one list that the namespace, the rights, the alerts and (by
// `python -m scripts.emulator`) the queues on a developer's machine are made of.

@export()
@sealed()
type queue = {
  @description('As the triggers and senders of the app name it.')
  name: string

  @description('How long a message is hidden while one invocation is at it; the host renews it.')
  lock: string

  @description('Deliveries before a message is a dead letter. A rejected message uses them up at once, so few are enough.')
  deliveries: int

  @description('How long a message waits to be taken. An expired one becomes a dead letter.')
  timeToLive: string

  @description('Whether messages of one lane are taken one after the other. FIXED AT CREATION: Azure refuses to change it, so another value needs another queue.')
  sessions: bool

  @description('How long a repeated message id is swallowed; null: never. Whether there is a window is FIXED AT CREATION, as sessions is; its length is not.')
  duplicates: string?

  @description('Whether a trigger of the app takes messages from it.')
  received: bool

  @description('Active messages from which on the backlog is worth an alert.')
  backlog: int
}

@export()
var queues = [
  {
    // What other systems ask for. Their message ids are keys of requests, kept by the records: a
    // second message under one id has to be seen and compared, not swallowed.
    name: 'intake'
    lock: 'PT1M'
    deliveries: 5
    timeToLive: 'P14D'
    sessions: false
    duplicates: null
    received: true
    backlog: 1000
  }
  {
    // A retry, a look at the device and a closed window wait here as scheduled messages, whose
    // time to live begins when they are due.
    name: 'changes'
    lock: 'PT1M'
    deliveries: 5
    timeToLive: 'P14D'
    sessions: true
    duplicates: 'PT5M'
    received: true
    backlog: 10000
  }
  {
    // For whoever asked. The app takes them and writes back, unless somebody else shall.
    name: 'outcomes'
    lock: 'PT1M'
    deliveries: 5
    timeToLive: 'P14D'
    sessions: false
    duplicates: 'PT5M'
    received: true
    backlog: 50000
  }
]
