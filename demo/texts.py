"""What is said in a play: by contacts, for each intent of the bot, and by the team."""

import random
from typing import NamedTuple


class Intent(NamedTuple):
    """An intent of the agent. share: of what is asked; phrases: what contacts write; reply: what the bot says."""

    name: str
    share: float
    phrases: tuple[str, ...]
    reply: str


INTENTS = (
    Intent(
        "order status",
        22,
        ("Where is my order?", "Has order {n} been sent yet?", "Any news about {n}?"),
        "Your order is packed and leaves tomorrow morning.",
    ),
    Intent(
        "delivery time",
        14,
        ("How long does delivery take?", "When would it arrive if I order today?"),
        "Within three working days; on weekends nothing is delivered.",
    ),
    Intent(
        "return an item",
        12,
        ("I want to return the {thing}", "How do I send something back?"),
        "Put it back into its box and use the label that came with it. You have 30 days.",
    ),
    Intent(
        "refund status",
        9,
        ("Where is my money for the {thing}?", "Did you get my return?"),
        "Refunds are on your account five working days after the parcel is back with us.",
    ),
    Intent(
        "change address",
        6,
        ("I moved, can you change the address of {n}?", "Wrong street on my order, sorry"),
        "As long as it is not sent you can change the address on the page of your order.",
    ),
    Intent(
        "opening hours",
        7,
        ("When are you open?", "Are you there on Saturday?"),
        "Monday to Friday from nine to six, on Saturday from ten to two.",
    ),
    Intent(
        "payment methods", 5, ("Can I pay by card?", "Can I pay on delivery?"), "By card, by transfer, or on delivery."
    ),
    Intent(
        "product availability",
        8,
        ("Is the {thing} back in stock?", "Do you have the {thing} in {colour}?"),
        "It is in stock. Whatever the page shows as available leaves within a day.",
    ),
    Intent(
        "size guide",
        4,
        ("What size is the {thing}?", "Does the {thing} fit a small room?"),
        "Every page has a table of sizes below the pictures.",
    ),
    Intent(
        "invoice copy",
        4,
        ("I need the invoice for {n}", "Can you send the invoice again?"),
        "Invoices are on the page of your order, as a file.",
    ),
    Intent(
        "discount code",
        4,
        ("My code does not work", "Is there a discount for returning customers?"),
        "A code works once, and not on things that are reduced already.",
    ),
    Intent(
        "gift wrapping",
        2,
        ("Do you wrap gifts?", "Can you put a card into the parcel?"),
        "Yes: tick the ribbon in the basket.",
    ),
    Intent(
        "warranty",
        3,
        ("The {thing} broke after a year", "How long is the warranty?"),
        "Two years on everything; a picture of what is broken helps.",
    ),
)
WELCOME, HUMAN, THANKS, FALLBACK = "welcome", "talk to a human", "thanks", "Default Fallback Intent"
HELLO = "Hello! Ask me about orders, deliveries and returns, or write “talk to a human”."
HUMAN_PHRASES = (
    "Can I talk to a human?",
    "I want to speak to somebody",
    "A person please",
    "Човек, моля",
    "Agente por favor",
)
HUMAN_REPLY = "One of us will be with you as soon as possible."
THANKS_PHRASES = (
    "Thanks!",
    "Great, thank you",
    "That is all, thanks",
    "Perfect, bye",
    "Благодаря!",
    "Gracias",
    "Danke!",
)
THANKS_REPLY = "You are welcome. Have a good day!"
NOT_UNDERSTOOD = ("I did not get that. Could you say it another way?", "Sorry, I do not know that yet.")

OPENINGS = (
    "Hello, {name} here. Let me look at that.",
    "Hi, I have your order in front of me.",
    "Good day! I am looking into it.",
)
MIDDLES = (
    "The carrier says it is at the depot; it should come tomorrow.",
    "I have sent you a new label, it is in your inbox.",
    "I changed that for you.",
    "We will send another {thing}, you need not send the broken one back.",
    "Could you tell me the order's number?",
    "The refund is on its way, it takes up to five days.",
)
ENDINGS = ("You are welcome, have a nice day!", "Glad that I could help.", "Write any time if something else comes up.")
CONTACT_REPLIES = (
    "It is {n}",
    "Yes, the {colour} one",
    "Thank you, I will wait then",
    "OK",
    "And how long will that take?",
    "Great, thank you very much!",
    "I still have not received it",
    "Here is what it says: order {n}",
    "Добре, благодаря",
)
OUTREACH = (
    "Hello, your {thing} is late, I am sorry. Would you like to wait, or shall we refund it?",
    "Hello, we found the {thing} that you asked for. Shall I keep one for you?",
    "Hello, the address of {n} seems to be incomplete. Could you send it to me?",
)
SHIPPED = "Your order {n} has left our warehouse and arrives within three days."
COMMENTS = (
    "Called the carrier, they look for it.",
    "Third time this month, please be generous.",
    "Refund is approved.",
    "Could you take over tomorrow? I am off.",
)
CATEGORIES = {
    "Delivery": ("Late parcel, arrives tomorrow", "Parcel was at the neighbour's", "Asked the carrier"),
    "Return": ("New label sent", "Explained how to return", "Return without receipt"),
    "Refund": ("Refunded in full", "Refund was on its way", "Refunded the delivery"),
    "Product question": ("Told the sizes", "Asked for another colour", "Back in stock next week"),
    "Complaint": ("Broken on arrival, sent another one", "Apologised, gave a code", "Wrong item, sent the right one"),
    "Order change": ("Changed the address", "Took one thing off the order"),
    "Payment": ("Paid twice, refunded once", "Card was refused, paid by transfer"),
    "Spam": ("", "Advertising"),
}
TAGS = ("vip", "wholesale", "complaint", "gift", "newsletter")
_THINGS = (
    "lamp",
    "teapot",
    "blanket",
    "rug",
    "bookshelf",
    "mirror",
    "desk",
    "armchair",
    "clock",
    "vase",
    "kettle",
    "quilt",
)
_COLOURS = ("green", "blue", "grey", "oak", "white", "red")


def fill(text: str, chance: random.Random, name: str = "") -> str:
    """Return a text with its gaps filled."""
    words = {"n": f"#{chance.randrange(10_000, 99_999)}", "thing": chance.choice(_THINGS)}
    return text.format(**words, colour=chance.choice(_COLOURS), name=name.split(" ")[0])
