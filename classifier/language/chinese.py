"""Simplified or Traditional Chinese, by signs that only one of them uses.

Most words and n-grams are common to both, some rows that a model learns from are filed under the wrong one, and a page
pulls its blocks to one side: of 40 Traditional paragraphs standing alone, the shipped model took 8 for Simplified. Does
not tell Chinese from other languages in Han signs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

# Common signs of both, each simplified one before its traditional one. Left out are those that the other script writes
# as well, in another sense or as a variant: 后 里 干 只 台 几 云 系 面 万 与 无 没 着 户 据 黄 静.
_PAIRS = """
这這们們来來时時说說国國会會对對学學过過还還进進样樣经經问問关關开開间間见見东東车車长長门門马馬鱼魚钱錢错錯语語话話请請谁誰
让讓认認识識记記许許论論设設证證评評词詞试試详詳误誤调調读讀课課谈談议議译譯护護报報师師归歸当當录錄应應将將尽盡层層岁歲广廣
库庫废廢张張书書买買卖賣头頭实實写寫军軍农農动動务務劳勞势勢区區医醫华華单單卫衛历歷压壓厅廳县縣参參双雙变變号號员員响響园園
围圍图圖团團圆圓场場坏壞块塊声聲处處备備够夠夺奪奖獎妇婦妈媽孙孫宝寶审審导導币幣带帶帮幫庄莊异異弃棄弹彈径徑态態总總战戰扩擴
扫掃执執担擔择擇换換损損数數断斷旧舊显顯晓曉机機权權条條杨楊极極构構枪槍标標栏欄树樹桥橋检檢楼樓欢歡气氣汇匯汉漢沟溝济濟测測
浏瀏湾灣满滿滤濾灭滅灯燈点點热熱爱愛爷爺独獨狮獅环環现現电電画畫疗療监監盘盤码碼确確礼禮离離种種积積称稱稳穩穷窮竞競笔筆签簽
简簡类類级級纪紀约約纸紙线線组組细細终終结結给給络絡统統继繼续續维維网網罗羅罚罰职職联聯脑腦节節荣榮药藥获獲营營虑慮虽雖补補
装裝视視览覽觉覺规規订訂计計讨討训訓访訪诉訴该該责責败敗货貨质質购購贵貴费費资資赛賽赢贏赵趙趋趨跃躍轮輪软軟转轉轻輕载載较較
输輸达達迁遷运運远遠违違连連迟遲选選遗遺邮郵邻鄰释釋针針钟鐘铁鐵银銀链鏈销銷锁鎖镇鎮阅閱队隊阳陽阴陰际際陆陸险險随隨难難韩韓
页頁项項顺順须須预預领領频頻题題颜顏额額风風飞飛饭飯饮飲馆館驱驅验驗鲜鮮鸟鳥鸡雞齐齊龙龍个個发發为為
"""
Indices: TypeAlias = NDArray[np.intp]
_LOOKED_AT = 1000  # characters of a text


class ChineseScripts:
    """Tells the labels "zh" and "zh-Hant" of a model apart."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = [labels.index(tag) for tag in ("zh", "zh-Hant") if tag in labels]

    def settle(self, labels: Indices, texts: Sequence[str], where: Indices, pages: Indices) -> None:
        """Label Chinese blocks by script, in place: by their signs, else by those of their page where they agree.

        `labels`, `where` and `pages` (n,) are the label of each block, the index of its text in `texts`, and its page.
        """
        if len(self._labels) < 2:
            return
        chinese = np.flatnonzero(np.isin(labels, self._labels))
        leads = _leads([texts[text] for text in where[chinese].tolist()])
        if not leads.any():
            return
        own, signs = pages[chinese], np.sign(leads)
        of_page = np.bincount(own, signs)
        of_page[abs(of_page) < np.bincount(own, abs(signs))] = 0
        leads = np.where(leads, leads, of_page[own])
        simplified, traditional = self._labels
        labels[chinese[leads < 0]] = simplified
        labels[chinese[leads > 0]] = traditional


def _leads(texts: Sequence[str]) -> Indices:
    """How many signs of Traditional Chinese each text has more than of Simplified, of its beginning: (n,)."""
    heads = [text[:_LOOKED_AT] for text in texts]
    codes = np.frombuffer("".join(heads).encode("utf-32-le", "surrogatepass"), np.uint32)
    sums = np.append(0, np.cumsum(_weights().take(codes, mode="clip"), dtype=np.intp))
    bounds = np.cumsum([0, *map(len, heads)])
    return np.asarray(sums[bounds[1:]] - sums[bounds[:-1]])


@cache
def _weights() -> NDArray[np.int8]:
    """Code point to 1 for a sign of Traditional Chinese alone, -1 for one of Simplified, 0 for others."""
    simplified, traditional = (list(map(ord, "".join(_PAIRS.split())[first::2])) for first in (0, 1))
    weights = np.zeros(max(simplified + traditional) + 2, np.int8)  # the last one, 0, is that of all beyond
    weights[simplified], weights[traditional] = -1, 1
    return weights
