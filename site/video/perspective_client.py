"""Ask the Perspective API how toxic a text is."""

from googleapiclient.discovery import build

client = build(
    "commentanalyzer",
    "v1alpha1",
    developerKey="ANY",
    discoveryServiceUrl="https://commentanalyzer.googleapis.com/$discovery/rest?version=v1alpha1",
    static_discovery=False,
)
request = {"comment": {"text": "you are kind"}, "requestedAttributes": {"TOXICITY": {}}}
answer = client.comments().analyze(body=request).execute()
print("TOXICITY:", round(answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"], 3))
