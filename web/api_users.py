"""Who logs in, as the API names them: by email address."""

from domain.errors import BadPayload
from domain.users import User
from web.api_models import UserList, UserRow
from web.context import context


def list_users() -> UserList:
    """List all users by name, the deactivated too."""
    return UserList(
        [
            UserRow(
                id=user.id,
                email=user.email,
                name=user.name,
                role=user.role.value,
                is_active=user.is_active,
                is_available=user.is_available,
            )
            for user in context().store.users()
        ]
    )


def find_assignee(email: str) -> User:
    """Return the user with this address. Raises BadPayload when they cannot be given conversations, StoreError."""
    user = find_user(email)
    if not context().store.password_hash(user.id):
        raise BadPayload("The user with this email address was invited and has not come in yet.")
    return user


def find_user(email: str) -> User:
    """Return the user with this address. Raises BadPayload when there is none who can log in, StoreError."""
    user = context().store.find_user(email)
    if user is None or not user.is_active:
        raise BadPayload("No active user has this email address; GET /api/v1/users lists all.")
    return user
