"""Addresses of the API of order cycles."""

from __future__ import annotations

from django.urls import path

from ordercycles.api.access import CheckView, ExplainView
from ordercycles.api.catalogue import RESOURCES, collection_view, item_view, restore_view
from ordercycles.api.cycles import (
    CandidatesView,
    CycleCloseView,
    CycleCopyView,
    CycleExchangesView,
    CycleFeesView,
    CyclesView,
    CycleView,
    LanesView,
    OfferView,
)
from ordercycles.api.exchanges import (
    AcceptView,
    DeclineView,
    ExchangeFeesView,
    ExchangeVariantsView,
    ExchangeView,
)
from ordercycles.api.notices import NoticesReadView, NoticesView

urlpatterns = [
    address
    for what in RESOURCES
    for address in (
        path(f"{what.path}/", collection_view(what).as_view()),
        path(f"{what.path}/<str:{what.name}>/", item_view(what).as_view()),
        path(f"{what.path}/<str:{what.name}>/restore/", restore_view(what).as_view()),
    )
]
urlpatterns += [
    path("order-cycles/", CyclesView.as_view()),
    path("order-cycles/<str:cycle>/", CycleView.as_view()),
    path("order-cycles/<str:cycle>/copy/", CycleCopyView.as_view()),
    path("order-cycles/<str:cycle>/close/", CycleCloseView.as_view()),
    path("order-cycles/<str:cycle>/fees/", CycleFeesView.as_view()),
    path("order-cycles/<str:cycle>/candidates/", CandidatesView.as_view()),
    path("order-cycles/<str:cycle>/exchanges/", CycleExchangesView.as_view()),
    path("order-cycles/<str:cycle>/lanes/", LanesView.as_view()),
    path("order-cycles/<str:cycle>/offer/", OfferView.as_view()),
    path("exchanges/<str:exchange>/", ExchangeView.as_view()),
    path("exchanges/<str:exchange>/variants/", ExchangeVariantsView.as_view()),
    path("exchanges/<str:exchange>/fees/", ExchangeFeesView.as_view()),
    path("exchanges/<str:exchange>/accept/", AcceptView.as_view()),
    path("exchanges/<str:exchange>/decline/", DeclineView.as_view()),
    path("access/check/", CheckView.as_view()),
    path("access/explain/", ExplainView.as_view()),
    path("notices/", NoticesView.as_view()),
    path("notices/read/", NoticesReadView.as_view()),
]
