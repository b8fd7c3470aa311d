"""What may happen at all, who may ask for it, and how much of it: the file policy.yaml.

offer      what this Sluice does, whoever asks: enabled operations, the cloud
document   the policy file as people write it
rules      the decision of the file on one change: the first that fits, else no
limits     budgets and brakes, counted over all instances
admission  both, when a change is accepted
clearance  what is asked again before a change is written: protection, windows, the kill switch
"""
