"""Stand-ins for the Graph, Viber and Dialogflow APIs, and a page with two phones. A development tool: loopback only."""
